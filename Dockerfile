# syntax=docker/dockerfile:1
# The gateway, with the example services that `demo` runs:
#   docker build -t aivillage-gateway:0.1.0 .
# A tag can be moved. To pin the content too, look the digests up and add them:
#   docker buildx imagetools inspect gcr.io/distroless/nodejs24-debian12:nonroot --format '{{.Manifest.Digest}}'
#   docker build --build-arg RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12@sha256:… …
ARG BUILD_IMAGE=node:24.21.0-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
RUN npm install --global pnpm@12.21.0
WORKDIR /workspace
COPY . ./
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --filter "@aivillage/gateway..." --filter "@aivillage/example-village..."
RUN pnpm --recursive --filter "@aivillage/gateway..." run build
# Its own libraries and packages, at the versions of the lock file and nothing else.
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm --filter @aivillage/gateway deploy --prod /out/gateway

# Node and the libraries of the system that it needs: no shell, no package manager.
FROM ${RUNTIME_IMAGE} AS gateway
# `docker build --build-arg REVISION=$(git rev-parse HEAD) --build-arg VERSION=… .`
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="AIVillage Gateway"
LABEL org.opencontainers.image.description="The HTTP layer in front of AI services"
LABEL org.opencontainers.image.source="https://github.com/aivillage/gateway"
LABEL org.opencontainers.image.documentation="https://github.com/aivillage/gateway/blob/main/docs/operations.md"
LABEL org.opencontainers.image.licenses="MIT"
LABEL org.opencontainers.image.version="${VERSION}"
LABEL org.opencontainers.image.revision="${REVISION}"
# Root owns the files, so that the program cannot change itself. It writes none, so the file system may be read-only.
WORKDIR /app
COPY examples/deploy/healthcheck.ts /usr/local/lib/healthcheck.ts
COPY --from=build /out/gateway ./
ENV NODE_ENV=production
# Without keys and origins of its own it refuses to start. To try it out: --env ENVIRONMENT=development
ENV ENVIRONMENT=production
ENV GATEWAY_PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
# The user `nonroot` of the image, as a number so that Kubernetes can see that it is not root.
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/nodejs/bin/node", "/usr/local/lib/healthcheck.ts", "8000/livez"]
# Node is process 1, so signals reach it. `docker run aivillage-gateway:0.1.0 check-config` and the like work too.
ENTRYPOINT ["/nodejs/bin/node", "dist/cli.js"]
CMD ["start"]
