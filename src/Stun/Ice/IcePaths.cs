namespace CS3103P2P.Stun.Ice;

/// <summary>The numbers by which an agent names the ways that its shell can send on.</summary>
public static class IcePaths
{
    /// <summary>The socket that all protocols share.</summary>
    public const int SharedSocket = 0;

    /// <summary>The first of the sockets opened for birthday guessing; <see cref="MaxExtraSockets"/> at most.</summary>
    public const int FirstExtraSocket = 1;

    /// <summary>Most sockets that an agent asks for.</summary>
    public const int MaxExtraSockets = 256;

    /// <summary>The first relay; further ones follow.</summary>
    public const int FirstRelay = 1000;

    /// <summary>Whether datagrams of the path go by way of a TURN server that this side allocated an address on.</summary>
    public static bool IsRelay(int path) => path >= FirstRelay;

    /// <summary>Whether the path is a socket opened for birthday guessing.</summary>
    public static bool IsExtraSocket(int path) => path is >= FirstExtraSocket and < FirstExtraSocket + MaxExtraSockets;
}
