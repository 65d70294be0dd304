// Pixels of fewer than four channels, with zeros for those that miss: a texel each.
#pragma words channels
uniform sampler2D x0;

void main() {
    int n = channels, i = texel() * n;
    y = vec4(at(x0, i), n > 1 ? at(x0, i + 1) : 0.0, n > 2 ? at(x0, i + 2) : 0.0, 0);
}
