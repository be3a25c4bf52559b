using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

internal static class Addresses
{
    public static TransportAddress Of(string text) =>
        TransportAddress.TryParse(text, 0, out TransportAddress address) ? address : throw new ArgumentException(text);
}
