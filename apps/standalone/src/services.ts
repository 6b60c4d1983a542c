// What runs in this process, in the order of the start: the gateway last, when there is somebody to forward to.
import { drift } from '@terramesh/drift';
import { gateway } from '@terramesh/gateway';
import { locks } from '@terramesh/locks';
import { projects } from '@terramesh/projects';
import { runsService } from '@terramesh/runs';
import type { ServiceDefinition } from '@terramesh/service';

export const services: readonly ServiceDefinition[] = [projects, locks, runsService, drift, gateway];
