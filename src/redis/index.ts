// Books and caches that many processes share, on a Redis or Valkey server.
export type { IORedisClient, NodeRedisClient, RedisClient } from "./client.ts";
export { type RedisOptions, type RedisStore, redis } from "./redis.ts";
