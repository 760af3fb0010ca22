// Preloaded into a worker (NODE_OPTIONS=--import …): its wall clock is off by CHAOS_SKEW_MS.
const { env } = process;
const skewMs = Number(env.CHAOS_SKEW_MS);
const RealDate = Date;
const now = () => RealDate.now() + skewMs;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }
  static now = now;
};
