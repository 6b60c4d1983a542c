export type { InvalidIssue } from './check.js';
export type { MeshLink, MeshLogger, MeshObservation, MeshObserver } from './link.js';
export { type CallOptions, Mesh } from './mesh.js';
export { MeshModule } from './mesh.module.js';
export { type MeshStrategy, type MeshStrategyOptions, meshStrategy } from './mesh-strategy.js';
export type { MeshCredentials } from './nats-address.js';
export { type MeshOptions, openMesh } from './open-mesh.js';
export { currentRequestContext, type RequestContext, requestIdFrom, runInRequestContext } from './request-context.js';
export { Serve, Subscribe } from './serve.js';
