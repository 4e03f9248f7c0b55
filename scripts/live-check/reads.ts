import { listOf, type Pool } from './arm.ts';
import type { Lab } from './lab.ts';

/** What can be asked without a write. */
export async function readOnly(lab: Lab): Promise<void> {
  const { model } = await lab.arm.read();
  lab.answer('read-etag', model.eTag !== undefined, model.eTag === undefined ? 'no eTag' : 'an eTag');
  const list = listOf(model);
  const unset = list === undefined ? 'absent' : list === null ? 'null' : list.length === 0 ? '[]' : undefined;
  lab.answer('read-list-unset', unset === undefined ? undefined : true, unset ?? 'the list is not empty now');

  const pools = await lab.arm.get('/agentPools');
  const { value = [] } = JSON.parse(pools.text || '{}') as { value?: { name: string; properties: Pool }[] };
  const profiles = model.properties.agentPoolProfiles ?? [];
  const brief = ({ provisioningState, powerState }: Omit<Pool, 'name'>) => `${provisioningState} ${powerState?.code}`;
  const differing = profiles.filter((profile) => {
    const pool = value.find(({ name }) => name === profile.name);
    return !pool || brief(pool.properties) !== brief(profile);
  });
  lab.answer(
    'read-pools',
    pools.status === 200 && differing.length === 0,
    `HTTP ${pools.status}; ${profiles.map((profile) => `${profile.name}: ${brief(profile)}`).join(', ')}; ${differing.length} of ${profiles.length} pools differ`,
  );

  const windows = await lab.arm.get('/maintenanceConfigurations');
  const { value: found } = JSON.parse(windows.text || '{}') as { value?: { name?: string }[] };
  lab.answer(
    'read-windows',
    windows.status === 200 && Array.isArray(found),
    `HTTP ${windows.status}; ${found?.map(({ name }) => name).join(', ') || 'none'}`,
  );
}
