import { Redis, type RedisOptions } from 'ioredis';

/**
 * A Redis connection that writes what is said in one turn of the event loop in one go: results are settled many at a
 * time, and a system call for each would cost more than the command. The replies come as they would otherwise; ioredis'
 * own `enableAutoPipelining` does the same for more work per command.
 */
export class GatheringRedis extends Redis {
  #gathering = false;

  constructor(url: string, options: Omit<RedisOptions, 'replyMapping'>) {
    super(url, options);
  }

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const { stream } = this;
    if (!this.#gathering && this.status === 'ready') {
      this.#gathering = true;
      stream.cork();
      // After the promises that are settled in this turn, and all that they lead to.
      process.nextTick(() => {
        this.#gathering = false;
        stream.uncork();
      });
    }
    return super.sendCommand(...args);
  }
}
