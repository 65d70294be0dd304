// The type of layers, for files that stand beneath the class.

/** A layer: layer.ts, further up, adds all that the class Layer has. */
export interface AnyLayer {}
