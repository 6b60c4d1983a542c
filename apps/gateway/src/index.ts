export { gateway, type RunningGateway } from './gateway.js';
export { type GatewaySettings, gatewaySettings } from './gateway.settings.js';
