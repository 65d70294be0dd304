// The camera, and what can keep it from us.
import { Trouble } from '../common/page.js';

const REASONS = {
  NotAllowedError: ['The camera may not be used.', 'Allow it for this page in the browser, then try again.'],
  NotFoundError: ['No camera was found.', 'Plug one in, then try again.'],
  NotReadableError: ['The camera is busy.', 'Another program may be using it: close that, then try again.'],
};

/** Shows the camera in a video element, unless it does already. */
export async function openCamera(video) {
  if (video.srcObject?.active) return;
  if (!navigator.mediaDevices?.getUserMedia)
    throw new Trouble('This page may not ask for a camera.', 'Browsers allow it on https:// and on localhost only.');
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } },
    });
    await video.play();
  } catch (error) {
    const [message, remedy] = REASONS[error.name] ?? ['The camera did not start.', 'Check it, then try again.'];
    throw new Trouble(message, remedy, error);
  }
}
