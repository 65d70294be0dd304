/* contrastLimitedAdaptiveHistogramEqualization: levels of pictures spread tile by tile. */
#include "nn/layers/augment.h"
#include "tensor/engine.h"

enum { LEVELS = 256 };

/* One channel of one picture, and how it is cut into tiles. */
typedef struct Plane {
    const float *x;
    int height, width, step;       /* floats from pixel to pixel */
    int rows, columns, high, wide; /* how many tiles, and their size */
    Range range;
} Plane;

/* A place in a picture that goes on as its mirror beyond the edge. */
static int mirrored(int i, int n) {
    i %= 2 * n;
    return i < n ? i : 2 * n - 1 - i;
}

static int level_at(const Plane *p, int i, int j) {
    float v =
        p->x[((size_t)mirrored(i, p->height) * (size_t)p->width + (size_t)mirrored(j, p->width)) *
             (size_t)p->step];
    double level = (v - p->range.low) * (255 / (p->range.high - p->range.low));
    return level >= 255 ? 255 : level > 0 ? (int)level : 0;
}

/* What becomes of each level in a tile: the share of pixels up to it, none being more frequent than
** the limit. */
static void table_of(const Plane *p, int row, int column, double limit, float *table) {
    double counts[LEVELS] = {0}, excess = 0, sum = 0, first = 0;
    int pixels = p->high * p->wide;
    for (int i = 0; i < p->high; i++)
        for (int j = 0; j < p->wide; j++)
            counts[level_at(p, row * p->high + i, column * p->wide + j)]++;
    limit *= pixels / (double)LEVELS;
    for (int k = 0; limit > 0 && k < LEVELS; k++)
        if (counts[k] > limit) excess += counts[k] - limit, counts[k] = limit;
    for (int k = 0; k < LEVELS; k++) {
        sum += counts[k] + excess / LEVELS;
        if (!k) first = sum;
        double rest = pixels - first;
        table[k] = (float)fmin(fmax((sum - first) * 255 / (rest ? rest : 1), 0), 255);
    }
}

static int tile_in(int i, int n) { return i < 0 ? 0 : i < n ? i : n - 1; }

/* Each level by the tables of the four tiles around it, the nearer the more. */
static void spread(const Plane *p, const float *tables, float *y) {
    for (int i = 0; i < p->height; i++)
        for (int j = 0; j < p->width; j++) {
            double down = (double)i / p->high - 0.5, right = (double)j / p->wide - 0.5, sum = 0;
            int top = (int)floor(down), left = (int)floor(right), level = level_at(p, i, j);
            for (int k = 0; k < 4; k++) {
                int row = tile_in(top + k / 2, p->rows), column = tile_in(left + k % 2, p->columns);
                double share = (k / 2 ? down - top : 1 - (down - top)) *
                               (k % 2 ? right - left : 1 - (right - left));
                sum += share * tables[(row * p->columns + column) * LEVELS + level];
            }
            y[((size_t)i * (size_t)p->width + (size_t)j) * (size_t)p->step] =
                (float)(sum / 255 * (p->range.high - p->range.low) + p->range.low);
        }
}

static Tensor *clahe_batch(Layer *l, Tensor *x) {
    const ContrastLimitedAdaptiveHistogramEqualizationConfig *k = l->config;
    int buffer[TN_MAX_RANK + 1], n = x->shape[0], h = x->shape[1], w = x->shape[2], c = x->shape[3];
    int rows = k->tileGridSize->v[0], columns = k->tileGridSize->v[1];
    Tensor *y = tn_tensor(TN_FLOAT32, sizes_of(x, buffer), NULL);
    const float *from = failed() ? NULL : tn_data(x);
    int cells = checked_size("clahe", 3, (int[]){rows, columns, LEVELS}, TN_FLOAT32);
    float *tables = from && !failed() ? scratch(sizeof *tables * (size_t)cells) : NULL;
    for (int at = 0; tables && x->size && at < n * c; at++) {
        size_t first = (size_t)(at / c) * (size_t)h * (size_t)w * (size_t)c + (size_t)(at % c);
        Plane p = {from + first,
                   h,
                   w,
                   c,
                   rows,
                   columns,
                   (h - 1) / rows + 1,
                   (w - 1) / columns + 1,
                   value_range(l, k->valueRange)};
        for (int t = 0; t < rows * columns; t++)
            table_of(&p, t / columns, t % columns, k->clipLimit, tables + t * LEVELS);
        spread(&p, tables, f32(y) + first);
    }
    if (tables) scratch_free(tables, sizeof *tables * (size_t)cells);
    return tables ? y : nothing();
}

static Tensor *clahe_call(Layer *l, Apply *a) {
    const ContrastLimitedAdaptiveHistogramEqualizationConfig *k = l->config;
    trace_break("levels are counted");
    return over_images(l, a->in[0], k->dataFormat, clahe_batch);
}

static void clahe_prepare(Layer *l) {
    const ContrastLimitedAdaptiveHistogramEqualizationConfig *k = l->config;
    value_range(l, k->valueRange);
}

/* contrastLimitedAdaptiveHistogramEqualization: Spreads the levels of each channel in tiles of the
**                                               picture so that all come as often, at inference
**                                               too (Pizer et al., 1987). It has no gradient.
**   valueRange : floats = [0, 255]           of the pixels
**   clipLimit : float >= 0 = 4               how often a level may come, as a multiple of the
**                                            mean; 0: any number of times
**   tileGridSize : ints(2) >= 1 = 8          how many tiles, in rows and columns
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.contrastLimitedAdaptiveHistogramEqualization({tileGridSize: 1, clipLimit: 0})
**     .apply([[[[1], [2], [3]]]])   // [[[[85], [170], [255]]]]
*/
LAYER(contrastLimitedAdaptiveHistogramEqualization, ContrastLimitedAdaptiveHistogramEqualization,
      .prepare = clahe_prepare, .shape = images_shape, .call = clahe_call);
