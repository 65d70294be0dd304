// Pixels of the page's picture x0 as whole numbers, the first channels of each.
#pragma words width channels
#pragma whole y
uniform sampler2D x0;

int element(int e) {
    int pixel = e / channels, row = pixel / width;
    vec4 v = texelFetch(x0, ivec2(pixel - row * width, row), 0);
    return int(channel(v, e - pixel * channels) * 255. + .5);
}
MAIN
