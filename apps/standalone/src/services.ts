// What runs in this process, in the order of start. The gateway comes after them, when there is somebody to forward to.
import { gateway } from '@terramesh/gateway';
import { locks } from '@terramesh/locks';
import { projects } from '@terramesh/projects';
import { runsService } from '@terramesh/runs';
import type { ServiceDefinition } from '@terramesh/service';

export const backends: readonly ServiceDefinition[] = [projects, locks, runsService];
export const services: readonly ServiceDefinition[] = [...backends, gateway];
