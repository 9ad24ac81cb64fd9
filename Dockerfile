# The tag is exact, but a digest could not be looked up where this file was written: pin one (`node:…@sha256:…`) in your
# registry's mirror if you need builds that can be repeated to the byte.
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install scripts: nothing here needs one, and a dependency must not run code while the image is built.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY console ./console
RUN npm run build

FROM node:24.21.0-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.21.0-slim
LABEL org.opencontainers.image.title="cot-monitor" \
      org.opencontainers.image.licenses="Apache-2.0"
# HOST: a container is reached from outside itself, so the loopback default would make it unreachable.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
# The folder of the embedded store, and the only one that is written to: everything else may be mounted read-only.
RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
# The image's own `node` user, by number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js", "serve"]
