// A copy in rows of another width, for the page: zeros after the last element.
#pragma words width size
#pragma whole x0
uniform X0 x0;

void main() {
    int t = int(gl_FragCoord.y) * width + int(gl_FragCoord.x);
    ivec4 e = 4 * t + ivec4(0, 1, 2, 3);
    y = 4 * t < size ? mix(vec4(0), vec4(quad(x0, t)), lessThan(e, ivec4(size))) : vec4(0);
}
