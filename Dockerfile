# The image of kes-injector: bundled files and Node, nothing else; not root, and content with a read-only root.
# Bases are arguments, so that a registry mirror or a digest can be named: --build-arg BUILD_IMAGE=…@sha256:…
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No script of any package runs. Optional packages are needed: esbuild's own program is one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/bundle.ts scripts/
COPY src src
COPY certs-scripts certs-scripts
RUN node scripts/bundle.ts

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="kes-injector" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /src/dist/kes-injector.mjs /src/dist/kes-injector.mjs.map ./
COPY --from=build /src/dist/parts ./parts/
# Run them by: --entrypoint /nodejs/bin/node IMAGE /app/certs-scripts/inspect.mjs --help
COPY --from=build /src/dist/certs-scripts ./certs-scripts/
ENV NODE_ENV=production
USER 65532:65532
# Small young generations: the same speed, some MiB less. No --enable-source-maps: reading the map costs 90 MiB and 0.1 s at every start;
# NODE_OPTIONS=--enable-source-maps turns it on where somebody looks for a defect.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "/app/kes-injector.mjs"]
