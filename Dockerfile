# A container that serves a model: docs/deploy.md says how to build and start it.
FROM node:24-bookworm-slim AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends libtorch-dev libgloo-dev libopenblas0-pthread g++ cmake make \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/singleshot
COPY . .
# installs the npm packages, builds the addon, compiles; then what only builds and tests goes
RUN npm run setup && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends libtorch1.13 libgloo0 libopenblas0-pthread \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/singleshot /opt/singleshot
USER node
EXPOSE 8080
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/singleshot/packages/cli/bin/singleshot.mjs"]
CMD ["serve", "/model", "--host", "0.0.0.0"]
