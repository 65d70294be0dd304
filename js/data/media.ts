// Cameras and microphones of the host.
import { TensorineError } from '../wasm/errors';

/** An error of a device, with what the host says. */
export const deviceError = (kind: 'audio' | 'video', error: unknown): TensorineError =>
  new TensorineError('device', `Error thrown while initializing ${kind} stream: ${(error as Error)?.message ?? error}`);

/** Asks the user for a device. */
export async function openStream(
  kind: 'audio' | 'video',
  constraints: MediaTrackConstraints | true,
): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  if (!mediaDevices) throw deviceError(kind, 'pages may ask for devices only at https: addresses and at localhost');
  try {
    return await mediaDevices.getUserMedia({ [kind]: constraints });
  } catch (error) {
    throw deviceError(kind, error);
  }
}

/** Releases a device. */
export const closeStream = (stream: MediaStream | null): void => {
  for (const track of stream?.getTracks() ?? []) track.stop();
};
