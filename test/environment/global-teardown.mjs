export default async function tearDown() {
  await Promise.all((globalThis.controlPlanes ?? []).map((plane) => plane.stop()));
}
