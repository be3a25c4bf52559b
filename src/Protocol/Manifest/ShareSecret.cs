using System.Security.Cryptography;

namespace CS3103P2P.Protocol;

/// <summary>
/// The secret of a private share. It stays among those who hold the ticket: the tracker sees only a name derived from it, and a peer proves that
/// it knows it without telling it.
/// </summary>
/// <remarks>
/// <code>
/// tracker name = lower-case hex of HMAC-SHA256(secret, "CS3103P2P tracker name v1")
/// fetch proof  = HMAC-SHA256(secret, "CS3103P2P fetch proof v1" || requester peer id || server peer id)
/// </code>
/// The peer ids are those that TLS authenticated, so that a proof cannot be passed on.
/// </remarks>
public sealed class ShareSecret
{
    /// <summary>Length of the secret, in bytes.</summary>
    public const int SizeInBytes = 32;

    /// <summary>Length of a fetch proof, in bytes.</summary>
    public const int ProofSizeInBytes = Sha256Digest.SizeInBytes;

    private readonly byte[] _key;

    /// <summary>Takes 32 bytes, which the caller drew from a cryptographic random source.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public ShareSecret(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("A secret has 32 bytes.", nameof(bytes));
        _key = bytes.ToArray();
    }

    private static ReadOnlySpan<byte> TrackerNameLabel => "CS3103P2P tracker name v1"u8;

    private static ReadOnlySpan<byte> FetchProofLabel => "CS3103P2P fetch proof v1"u8;

    /// <summary>The name under which the tracker knows the share; tells nothing of the secret or of the share's own name.</summary>
    public string DeriveTrackerName() => Convert.ToHexStringLower(HMACSHA256.HashData(_key, TrackerNameLabel));

    /// <summary>Writes the proof with which a requester convinces a server that it knows the secret.</summary>
    /// <exception cref="ArgumentException">The span is shorter than <see cref="ProofSizeInBytes"/>.</exception>
    public void WriteFetchProof(PeerId requester, PeerId server, Span<byte> destination)
    {
        Span<byte> message = stackalloc byte[FetchProofLabel.Length + (2 * PeerId.SizeInBytes)];
        FetchProofLabel.CopyTo(message);
        requester.CopyTo(message[FetchProofLabel.Length..]);
        server.CopyTo(message[(FetchProofLabel.Length + PeerId.SizeInBytes)..]);
        HMACSHA256.HashData(_key, message, destination);
    }

    /// <summary>Whether this is the proof of that requester for that server; takes the same time whatever the bytes.</summary>
    public bool VerifyFetchProof(PeerId requester, PeerId server, ReadOnlySpan<byte> proof)
    {
        Span<byte> expected = stackalloc byte[ProofSizeInBytes];
        WriteFetchProof(requester, server, expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof);
    }

    /// <summary>Writes the 32 bytes, to be kept as carefully as a password.</summary>
    public void CopyTo(Span<byte> destination) => _key.CopyTo(destination);

    /// <summary>Does not show the secret.</summary>
    public override string ToString() => "(secret)";
}
