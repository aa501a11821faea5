import { access, chmod, mkdir } from "node:fs/promises";

export async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes a folder that every user can enter, whatever the umask: sessions run under other user ids. */
export async function openFolder(path) {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
