/* Inside the GPU device: textures, programs, draws, and the recipes that ops are made of.
**
** A texture holds a tensor's elements flat, row-major, four to a texel: element i is channel i % 4
** of texel i / 4, and texel t lies at (t % 2^shift, t / 2^shift). So a reshape costs nothing, and
** tensors of one size have textures of one layout. Bools are the floats 0 and 1, int32 has textures
** of whole numbers (RGBA32I), so it is exact. Channels past the last element hold anything. */
#ifndef GL_H
#define GL_H
#include "tensor/engine.h"
#include <GLES3/gl3.h>
#include "shaders.gen.h"

enum { BANDS = 4, MAX_INPUTS = 6, MAX_SAMPLERS = 8, MAX_WORDS = 128 };

/* ---- context.c: the one owner of GL state ---- */

typedef struct Limits {
    int shift;   /* log2 of the width of textures */
    int texels;  /* most a texture can hold */
    int side;    /* largest width and height */
    bool floats; /* 32-bit floats can be drawn to: else half floats, if the program wants them */
} Limits;
extern Limits gl_limits;

/* True while there is a context and it is not lost. */
bool gl_live(void);
/* Counts contexts: what was made in an older one is gone. */
uint32_t gl_generation(void);
void gl_use_program(GLuint id);
/* For a program to read. */
void gl_use_texture(int unit, GLenum target, GLuint id);
/* For calls of glTex*. */
void gl_edit_texture(GLenum target, GLuint id);
void gl_use_frame(GLuint id);
void gl_use_area(int width, int height_from, int height);
/* The page has the context and may change anything: from now on all is set before each draw. */
void gl_share(void);
/* Before a run of calls to GL that begins: what the page changed is set back. */
void gl_recall(void);
/* A texture or framebuffer is deleted: nothing may think that it is bound. */
void gl_forget(GLuint texture, GLuint frame);
/* With debugging on: reports what GL complains about, after `what`. */
void gl_check(const char *what);

/* ---- texture.c ---- */

typedef struct Pending Pending;
typedef struct Texture {
    GLuint id, frame;          /* frame: to draw to it and read it */
    int refs;                  /* a storage, and pending results that read it */
    struct Texture *padded;    /* a copy of it in whole texels, or NULL, */
    int padded_as[5];          /* for the arguments of operand() after x */
    bool ahead;                /* made while programs are only sent to the compiler */
    Pending *pending;          /* how it is to be drawn (pending.h); there is no id then */
    int width, height, layers; /* layers: 0, or BANDS of an array to draw to at once */
    int size;                  /* elements */
    DType dtype;               /* of the tensor */
    int kind;                  /* its class in the pool */
    bool half;                 /* of 16 bits a channel */
    bool whole;                /* of whole numbers of 32 bits */
    bool exported;             /* to the page, in rows of its own width: ops do not read it */
    uint32_t call;             /* that last had it as an input */
    uint32_t generation;
    struct Texture *next;
} Texture;

/* Whether the program wants half floats. */
bool texture_halves(void);
/* A texture for so many elements, from the pool if it has one; NULL if there is no memory. */
Texture *texture_new(DType dtype, int size);
/* An array of BANDS layers, at least so wide and high. */
Texture *texture_bands(int width, int height);
/* A texture of just this size, for the page. NULL if there is no memory. */
Texture *texture_exported(DType dtype, int size, int width, int height);
/* A texture of whole numbers; NULL if there is no memory. */
Texture *texture_of_ints(const int *values, int n);
/* One that is to be drawn later. NULL if there is no memory; p stays the caller's then. */
Texture *texture_pending(DType dtype, int size, Pending *p);
/* Gives it room to be drawn to; false if there is no memory. */
bool texture_obtain(Texture *t);
/* Takes that back: it stays pending. */
void texture_return(Texture *t);
/* One reference less, and back to the pool after the last. NULL is fine. */
void texture_free(Texture *t);
/* The texture of x, brought there if x is only in memory; NULL if that cannot be. */
Texture *texture_of(Tensor *x);
/* Draws t if it is pending, and returns it; NULL if that cannot be. */
Texture *texture_settle(Texture *t);
void pending_free(Pending *p);
/* Texels that hold so many elements. */
static inline int texels_of(int size) { return (int)(((int64_t)size + 3) / 4); }
static inline bool texture_fits(int size) { return texels_of(size) <= gl_limits.texels; }
bool texture_download(Storage *s, void *data);
void texture_drop(Storage *s);
/* Deletes what the pool keeps, or all beyond some bytes; with the context gone, only records. */
void texture_pool_clear(void);
void texture_pool_trim(double keep);
/* Copies the elements of a texture to data from what was read of it. */
void texture_unpack(const Texture *t, const void *from, void *data);
/* Reads all rows that hold elements, floats or whole numbers, to memory or a bound buffer. */
void texture_read(const Texture *t, void *to);
/* Rows of a texture that hold its elements, and the bytes they take. */
int texture_rows(const Texture *t);
static inline size_t texture_row_bytes(const Texture *t) { return (size_t)t->width * 16; }

/* ---- memory.c ---- */

/* Whether a texture of so many bytes keeps the page's limit, once what can has given way; false
** with the error set. */
bool memory_room(double bytes);
/* Gives back what is kept for reuse. */
void memory_trim(void);
/* The context is lost: its textures take nothing now. */
void memory_lost(void);
/* After textures have grown. */
void memory_peak(void);
/* s has a texture, which this call uses: it stays until the next. */
void memory_used(Storage *s);
/* What s has on the GPU is in memory too. */
void memory_arrived(Storage *s);
void memory_next_call(void);
/* s is about to lose its texture. */
void memory_forget(Storage *s);

/* ---- program.c ---- */

typedef struct Program {
    const void *key; /* the shader or the expression */
    uint32_t flags;
    GLuint id;       /* 0: it did not compile */
    GLuint fragment; /* shader, until it is known whether it did */
    GLint words;
} Program;

/* True while programs are only sent to the compiler: what is drawn then holds nothing. */
bool programs_ahead(void);
/* True if p can be drawn with; waits for its compilation. */
bool program_ready(Program *p);

/* The program of (key, flags) if there is one; it stays where it is while the context lives. */
Program *program_find(const void *key, uint32_t flags);
/* Compiles it: defines, what all shaders share, library, source. NULL if that failed. */
Program *program_build(const void *key, uint32_t flags, const char *defines, const char *library,
                       const char *source);
/* That of a shader file; flags: bits of its enum in shaders.gen.h, and those of draw_whole. */
Program *program_of(const Shader *shader, uint32_t flags);
/* The same under another key, with functions that it calls. */
Program *program_with(const void *key, const Shader *shader, uint32_t flags, const char *library);
/* Forgets all, deleted or lost with the context. */
void programs_clear(void);

/* ---- draw.c ---- */

typedef struct Draw {
    Program *program; /* NULL: nothing is drawn, and drawing fails */
    int nin, nwords;
    Texture *in[MAX_SAMPLERS]; /* NULL: not looked at */
    int words[MAX_WORDS];      /* floats as their bits */
} Draw;

/* The next input is x; false if it cannot be brought to the GPU. */
bool draw_input(Draw *d, Tensor *x);
/* Draws so many texels of t. False if there is no program. */
bool draw_texels(const Draw *d, Texture *t, int texels);
/* The same to n textures at once, results of one size. */
bool draw_several(const Draw *d, Texture **t, int n, int texels);
/* Draws a rectangle of every layer of t. */
bool draw_area(const Draw *d, Texture *t, int width, int height);
/* Draws all of y, whose storage it makes. False if y has no storage then. */
bool draw_tensor(const Draw *d, Tensor *y);
/* A new texture for so many elements, drawn; NULL if that cannot be. */
Texture *draw_new(const Draw *d, DType dtype, int size);
/* Flags of program_of: which inputs are whole numbers, and whether the result is. */
enum { WHOLE_INPUT = 1 << 16, WHOLE_RESULT = 1 << 24 };
uint32_t draw_whole(const Draw *d, DType result);
static inline int float_bits(float v) {
    int bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* ---- recipes: false, without error, leaves the call to the CPU ---- */

/* y[i...] = expression of in[k][base + sum of index * step], k for the names a, b, c, d, e, or x
** if there is one; a whole number where the dtype of input or result is int32. An input of NULL,
** or of one element in memory, is the value in `scalar`. */
enum { MAP_INPUTS = 5, MAP_RANK = 4, MAP_WORDS = 8 };
typedef struct Map {
    const char *expression;
    int nin, rank; /* axes, outermost first */
    Tensor *in[MAP_INPUTS];
    float scalar[MAP_INPUTS];
    int size[TN_MAX_RANK], step[MAP_INPUTS][TN_MAX_RANK], base[MAP_INPUTS];
    int np, p[MAP_WORDS]; /* attribute words, p0, p1... as floats, q0, q1... as whole numbers */
} Map;
/* y is drawn when it is asked for (pending.h). */
bool map_run(const Map *m, Tensor *y);
/* The steps with which input k of the shape broadcasts to the result's. */
void map_broadcast(Map *m, int k, Tensor *x, const Tensor *y);

typedef bool Recipe(Call *c, const Shader *shader);
Recipe gl_shader, gl_randomUniform, gl_randomNormal;                        /* device.c */
Recipe gl_expression, gl_cast, gl_batchNorm;                                /* map.c */
Recipe gl_strided, gl_place, gl_pad, gl_concat, gl_split;                   /* move.c */
Recipe gl_matMul, gl_conv2d, gl_conv2dTranspose, gl_depthwiseConv2d;        /* product.c */
Recipe gl_conv2d_filter, gl_depthwise_input, gl_depthwise_filter, gl_tally; /* filters.c */
Recipe gl_sum, gl_prod, gl_max, gl_min, gl_softmax, gl_logSoftmax;          /* reductions.c */
Recipe gl_logSumExp, gl_cumsum, gl_cumprod, gl_argMax;                      /* reductions.c */
Recipe gl_resizeNearestNeighbor, gl_resizeNearestNeighborGrad, gl_resizeBilinearGrad; /* resize.c */
Recipe gl_scatterAdd, gl_addRows, gl_addChosen, gl_setRows, gl_sample, gl_sampleBack; /* rows.c */
Recipe gl_dilationOrigins, gl_warp, gl_crop;                                          /* places.c */
Recipe gl_maxPoolGrad; /* max_pool.c */
Recipe gl_topk;        /* order.c */

/* ---- move.c ---- */

/* Gives up the first results of a call that is left to the CPU after all. */
void undo_results(Call *c, int count);

/* ---- pictures.c ---- */

/* Deletes the texture that waits for the next picture. */
void picture_drop(void);

/* ---- product.c: results drawn in bands, four rows at once ---- */

static inline int up4(int n) { return (n + 3) & ~3; }
/* Draws `matrices` of rows by columns elements by a program with BANDS; sets words 1 and 2. */
bool draw_bands(Draw *d, Program *program, int matrices, int rows, int columns, Tensor *y);
/* The same into a new texture; NULL if that cannot be. */
Texture *draw_bands_new(Draw *d, Program *program, int matrices, int rows, int columns);

typedef struct Operand {
    Texture *texture, *copy; /* copy: what is to be freed */
} Operand;
/* x as [batch, rows, columns], at least so large; .texture stays NULL if that cannot be. */
Operand operand(Tensor *x, int batch, int rows, int columns, int want_rows, int want_columns);

/* ---- reductions.c ---- */

/* y = the sum of `pieces` tensors like it that lie in x one after another. */
bool draw_sum_of(Texture *x, int pieces, Tensor *y);

/* A copy of x, of three axes, made larger with zeros at the ends. NULL if that cannot be. */
Texture *texture_padded(Texture *x, const int from[3], const int to[3]);

#endif
