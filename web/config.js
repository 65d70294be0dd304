// Where models and pictures may be had beside the public addresses; null: nowhere. The dev server
// answers with its own version of this file where it serves a folder of test data.
export const data = null;
