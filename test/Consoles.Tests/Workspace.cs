using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CS3103P2P.Consoles.Tests;

/// <summary>A folder of the test's own, with a folder for each peer, gone afterwards.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("p2p-consoles-").FullName;

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>Writes a file of random bytes, the same for the same seed; its SHA-256.</summary>
    public static string WriteRandomFile(string path, long sizeBytes, int seed)
    {
        var random = new Random(seed);
        byte[] block = new byte[1 << 20];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream file = File.Create(path);
        for (long left = sizeBytes; left > 0;)
        {
            random.NextBytes(block);
            int length = (int)Math.Min(left, block.Length);
            file.Write(block, 0, length);
            hash.AppendData(block, 0, length);
            left -= length;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static string Sha256(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>A UDP port that nobody holds now, for a tracker that must come back on the same one.</summary>
    public static int FreeUdpPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
