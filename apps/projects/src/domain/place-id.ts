import type { TargetPlace } from '@terramesh/contracts';

/** Equal for places that are one place: hosts take `Acme/Infra` and `acme/infra` for one repository. */
export function placeId(place: TargetPlace | null): string {
  if (place === null) return '';
  const { hostname, repository, directory, terraformWorkspace } = place;
  return JSON.stringify([hostname.toLowerCase(), repository.toLowerCase(), directory, terraformWorkspace]);
}
