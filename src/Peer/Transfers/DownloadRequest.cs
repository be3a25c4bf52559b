using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Transfers;

/// <summary>What somebody wants to download.</summary>
/// <param name="TrackerName">The name by which the tracker knows it.</param>
/// <param name="Descriptor">What it is; null as long as only the name is known.</param>
/// <param name="Secret">The secret of a private share.</param>
/// <param name="Trackers">The trackers of a ticket.</param>
internal sealed record DownloadRequest(string TrackerName, ShareDescriptor? Descriptor, ShareSecret? Secret, IReadOnlyList<string> Trackers)
{
    /// <summary>Reads a name or a ticket.</summary>
    /// <exception cref="P2PException">It is neither.</exception>
    public static DownloadRequest Parse(string nameOrTicket)
    {
        if (ShareTicket.HasScheme(nameOrTicket))
        {
            if (!ShareTicket.TryParse(nameOrTicket, out ShareTicket? ticket)) throw new P2PException(P2PErrorReason.InvalidName, "This is not a whole ticket.");
            return new DownloadRequest(ticket.TrackerName, ticket.Descriptor, ticket.Secret, ticket.Trackers);
        }

        if (!ShareName.IsValid(nameOrTicket)) throw new P2PException(P2PErrorReason.InvalidName, $"'{nameOrTicket}' cannot be the name of a share.");
        return new DownloadRequest(nameOrTicket, null, null, []);
    }

    /// <summary>Writes the proof of knowing the secret; empty without one.</summary>
    public ReadOnlySpan<byte> ProofFor(PeerId self, PeerId server, Span<byte> buffer)
    {
        if (Secret is not { } secret) return default;
        secret.WriteFetchProof(self, server, buffer);
        return buffer[..ShareSecret.ProofSizeInBytes];
    }
}
