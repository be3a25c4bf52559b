namespace CS3103P2P.NatLab;

internal static class Program
{
    private static int Main() => 2;
}
