# Built where compilers are, run where they are not.
FROM node:20-bookworm-slim AS build
# better-sqlite3 compiles its addon where no ready-made one can be downloaded.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
# The shipped configuration listens on 127.0.0.1, which inside a container nobody can reach.
ENV NODE_ENV=production TRACKERWATCH_LISTEN=0.0.0.0:10069
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY config ./config
COPY docs ./docs
# A named volume takes over the owner of the folder that it covers.
RUN mkdir data && chown node:node data
USER node
VOLUME /app/data
EXPOSE 10069
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.TRACKERWATCH_LISTEN.split(':').pop() + '/-/healthy', { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# `docker run IMAGE check URL` and every other command work as well.
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["run"]
