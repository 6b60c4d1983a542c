export { greeting } from './greeting.js';
export { type Installation, openInstallation } from './installation.js';
export { services } from './services.js';
export { type StandaloneSettings, standaloneSettings } from './standalone.settings.js';
export { type Standalone, startStandalone } from './start-standalone.js';
