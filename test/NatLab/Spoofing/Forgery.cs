using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>What a victim may get for what is sent in its name.</summary>
public enum ForgeryLimit
{
    /// <summary>At most three times the bytes.</summary>
    ThreeTimes,

    /// <summary>At most the fixed rate of requests without extensions, for the address and for its /24.</summary>
    FixedRate,

    /// <summary>Nobody is at the address: what counts is that the tracker's state stands.</summary>
    Nobody,
}

/// <summary>One kind of datagram that is sent in a victim's name.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Limit">What the victim may get.</param>
/// <param name="Source">The victim; null for a random address each time.</param>
/// <param name="Target">The server's port.</param>
/// <param name="Payloads">Sent in turn.</param>
/// <param name="Weight">How many are sent for each of the other kinds.</param>
public sealed record Forgery(string Name, ForgeryLimit Limit, IPEndPoint? Source, IPEndPoint Target, IReadOnlyList<byte[]> Payloads, int Weight = 1)
{
    /// <summary>Datagrams sent.</summary>
    public int SentDatagrams { get; private set; }

    /// <summary>Payload bytes sent.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Sends the next one.</summary>
    public void Send(ForgedSender sender, Random random)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(random);
        byte[] payload = Payloads[SentDatagrams % Payloads.Count];
        IPEndPoint source = Source ?? new IPEndPoint(Lab.Address(25, 99, random.Next(256), random.Next(1, 255)), random.Next(1024, 65536));
        if (!sender.TrySend(source, Target, payload)) return;
        SentDatagrams++;
        SentBytes += payload.Length;
    }
}
