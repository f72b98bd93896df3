/**
 * A module that is loaded when something first needs it, and held from then on: `lazy.loaded ?? (await lazy.load())` waits
 * for nothing once it is there. What an import of the library loads is what a call is defined with; the rest comes by these.
 */
export class LazyModule<Module> {
  loaded: Module | undefined;
  readonly #load: () => Promise<Module>;

  /** The import is written out where it is given, so that a bundler sees it. */
  constructor(load: () => Promise<Module>) {
    this.#load = load;
  }

  async load(): Promise<Module> {
    this.loaded = await this.#load();
    return this.loaded;
  }
}
