// The type of models, for files that stand beneath the class.

/** A model of layers: models/model.ts, further up, adds all that the class LayersModel has. */
export interface AnyModel {}
