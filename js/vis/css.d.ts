// Style sheets are imported as their text (tools/build_vis.mjs).
declare module '*.css' {
  const text: string;
  export default text;
}
