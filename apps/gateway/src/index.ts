export { type GatewaySettings, gatewaySettings } from './gateway.config.js';
export { gateway, type RunningGateway } from './gateway.js';
