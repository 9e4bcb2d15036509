// What build.mjs makes.
declare module "habitue:icons" {
  const bodies: Readonly<Record<string, string>>;
  export default bodies;
}
declare module "habitue:locale/*" {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
declare module "*.css";
