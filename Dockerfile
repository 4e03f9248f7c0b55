# syntax=docker/dockerfile:1
# Tags, so that a build today gets today's fixes. The release workflow gives the digests that these tags had. To do the same by hand:
#   docker build --build-arg BUILD_IMAGE=node:24-trixie-slim@sha256:… --build-arg RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:… .
ARG BUILD_IMAGE=node:24-trixie-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# The bundle is JavaScript only: whatever the image is for, it is built on the machine's own architecture.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No package's script runs, and none is needed: the image's Node.js builds, with the esbuild that npm unpacked.
RUN npm ci --ignore-scripts --no-progress
COPY src ./src
COPY scripts ./scripts
RUN ["/usr/local/bin/node", "scripts/build.ts"]

# No shell, no package manager, and no RUN from here on: an image for another architecture needs no emulation.
FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
# The release workflow adds what only it knows: revision, created, source, url, documentation, base.name and base.digest.
LABEL org.opencontainers.image.title="aks-ca-trust" \
      org.opencontainers.image.description="Kubernetes operator that decides which certificate authorities the nodes of AKS clusters trust" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
WORKDIR /app
COPY LICENSE ./
# The bill of materials is there for scanners, which find no packages in a bundle.
COPY --from=build /build/dist/THIRD-PARTY-NOTICES.txt /build/dist/aks-ca-trust.cdx.json /build/dist/aks-ca-trust.mjs ./
# glibc gives memory back: one arena for all threads, and large blocks by themselves (docs/adr/0027-a-small-heap.md).
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
USER 65532:65532
EXPOSE 8081 8443
# The program reads files and talks to the network. It starts no process, loads no native code and writes no file, and with
# --permission it cannot. It may read every file, because flags say where the policy, the tokens and the certificate authorities are
# mounted, and a flag of Node cannot be derived from them; the image itself has nothing to hide.
# NODE_COMPILE_CACHE would need a folder to write to, and save a tenth of a second at a start.
ENTRYPOINT ["/nodejs/bin/node", "--permission", "--allow-fs-read=*", "/app/aks-ca-trust.mjs"]
CMD ["controller"]
