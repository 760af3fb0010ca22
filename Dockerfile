# One image for every role: the command says which one.
#   docker build -t navette .
#   docker run … navette                                              the API
#   docker run … navette node packages/app-worker/dist/main.js        a worker
#   docker run … navette node packages/app-standalone/dist/main.js    both, with an embedded database

FROM node:24-bookworm-slim AS base
WORKDIR /app

# The manifests alone. COPY --from compares contents, so a change in a source file leaves both install stages cached.
FROM base AS manifests
COPY packages packages
RUN find packages -mindepth 2 ! -name package.json -delete
COPY package.json package-lock.json ./

FROM base AS dependencies
# Another registry: --build-arg NPM_CONFIG_REGISTRY=https://npm.example.com/. Proxies need no ARG, Docker knows HTTPS_PROXY.
ARG NPM_CONFIG_REGISTRY
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

FROM dependencies AS build
COPY turbo.json tsconfig.base.json ./
COPY packages packages
RUN npm run build \
 && find packages -mindepth 2 -maxdepth 2 ! -name dist -exec rm -rf {} +

FROM base AS production-dependencies
ARG NPM_CONFIG_REGISTRY
COPY --from=manifests /app ./
# Optional ones too: a library names TypeScript as an optional peer, which would bring the compiler along.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM base AS runtime
ENV NODE_ENV=production
# Room for what hundreds of tasks at once need for a moment: collected rarely, it is garbage by then and costs nothing.
ENV NODE_OPTIONS=--max-semi-space-size=32
# Owned by root: the service cannot change its own code. Its only writable folder is for an embedded database.
COPY --from=production-dependencies /app ./
COPY --from=build /app/packages packages
RUN install -d -o node -g node .navette
USER node
EXPOSE 3000
CMD ["node", "packages/app-api/dist/main.js"]
