using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Writes requests to the tracker: with extensions, or as the original document has them.</summary>
internal static class TrackerRequestComposer
{
    // Room for what follows the runs of a registration: description, peer, lease, id and cookie.
    private const int MaxRegistrationTailBytes = 280;

    /// <summary>Writes the request of an exchange.</summary>
    /// <param name="buffer">At least <see cref="TrackerLimits.MaxDatagramBytes"/> bytes.</param>
    /// <param name="exchange">What to ask; a registration notes in it which chunks the request names.</param>
    /// <param name="self">This peer.</param>
    /// <param name="cookie">The tracker's cookie; null before it gave one.</param>
    /// <param name="publicAddress">The address to register; null for the one that the tracker sees.</param>
    /// <param name="leaseSeconds">The lease to ask for.</param>
    /// <returns>Length of the request.</returns>
    public static int Compose(
        Span<byte> buffer, TrackerExchange exchange, PeerId self, ulong? cookie, TransportAddress? publicAddress, int leaseSeconds)
    {
        var writer = new TrackerTextWriter(buffer[..TrackerLimits.MaxDatagramBytes]);
        if (exchange.IsLiteral)
        {
            WriteLiteral(ref writer, exchange, publicAddress);
            return writer.Length;
        }

        switch (exchange.Kind)
        {
            case TrackerExchangeKind.Lookup or TrackerExchangeKind.List or TrackerExchangeKind.Find:
                WriteQuery(ref writer, exchange);
                if (exchange.Root is { } root) writer.Extension("root"u8, root);
                if (exchange.Page.Length > 0) writer.Extension("page"u8, exchange.Page);
                break;
            case TrackerExchangeKind.Register:
                WriteRegistration(ref writer, exchange, publicAddress);
                writer.Extension("peer"u8, self);
                writer.Extension("lease"u8, leaseSeconds);
                break;
            case TrackerExchangeKind.Refresh:
                writer.Text("REFRESH"u8);
                writer.Extension("peer"u8, self);
                writer.Extension("lease"u8, leaseSeconds);
                if (exchange.WantsRelay) writer.Extension("want"u8, "relay"u8);
                break;
            case TrackerExchangeKind.Withdraw:
                writer.Text("REQUEST 5 -"u8);
                writer.Extension("peer"u8, self);
                writer.Text(" name="u8);
                WriteName(ref writer, exchange.Name);
                break;
            case TrackerExchangeKind.Leave:
                writer.Text("REQUEST 5 -"u8);
                writer.Extension("peer"u8, self);
                break;
            case TrackerExchangeKind.Offer:
                writer.Text("RENDEZVOUS"u8);
                writer.Extension("to"u8, exchange.To);
                writer.Extension("peer"u8, self);
                writer.Base64("offer"u8, exchange.Offer.Span);
                break;
        }

        writer.Extension("id"u8, exchange.Id);
        if (cookie is { } known) writer.Cookie(known);
        return writer.Length;
    }

    private static void WriteLiteral(ref TrackerTextWriter writer, TrackerExchange exchange, TransportAddress? publicAddress)
    {
        switch (exchange.Kind)
        {
            case TrackerExchangeKind.Register when exchange.InListForm && publicAddress is { } address && !exchange.Registration!.Pending.IsEmpty:
                WriteChunkList(ref writer, exchange, address);
                break;
            case TrackerExchangeKind.Register:
                WriteOneChunk(ref writer, exchange, publicAddress);
                break;
            case TrackerExchangeKind.Leave:
                writer.Text("REQUEST 5 "u8);
                if (publicAddress is { } leaving) writer.AddressAndPort(leaving);
                break;
            default:
                WriteQuery(ref writer, exchange);
                break;
        }
    }

    // REQUEST 4 FILENAME CHUNK IP PORT; while this peer knows no address of its own, flag 3, in which the address may be missing.
    private static void WriteOneChunk(ref TrackerTextWriter writer, TrackerExchange exchange, TransportAddress? publicAddress)
    {
        RegistrationState state = exchange.Registration!;
        exchange.SentGeneration = state.Generation;
        exchange.SentChunks.Clear();
        exchange.IsPartial = false;
        if (state.Pending.IsEmpty)
        {
            // A file of no bytes has no chunk that the original's form could tell; a question takes the place of the registration.
            writer.Text("REQUEST 7 "u8);
            writer.Name(Encoding.UTF8.GetBytes(state.Descriptor.Name), escapeEquals: false);
            return;
        }

        int chunk = state.Pending.Runs[0].First;
        exchange.IsPartial = true;
        exchange.SentChunks.Add(chunk);
        writer.Text("REQUEST "u8);
        writer.Number((int)(state.IsRegistered || publicAddress is null ? TrackerRequestKind.ChunkDownloaded : TrackerRequestKind.Upload));
        writer.Text(" "u8);
        writer.Name(Encoding.UTF8.GetBytes(state.Descriptor.Name), escapeEquals: false);
        writer.Text(" "u8);
        writer.Number(chunk + 1L);
        if (publicAddress is not { } address) return;
        writer.Text(" "u8);
        writer.AddressAndPort(address);
    }

    // REQUEST 4 IP PORT f 1|f 2|: as many chunks as fit.
    private static void WriteChunkList(ref TrackerTextWriter writer, TrackerExchange exchange, TransportAddress address)
    {
        RegistrationState state = exchange.Registration!;
        exchange.SentGeneration = state.Generation;
        exchange.SentChunks.Clear();
        exchange.IsPartial = false;
        byte[] name = Encoding.UTF8.GetBytes(state.Descriptor.Name);
        writer.Text("REQUEST "u8);
        writer.Number((int)(state.IsRegistered ? TrackerRequestKind.ChunkDownloaded : TrackerRequestKind.Upload));
        writer.Text(" "u8);
        writer.AddressAndPort(address);
        writer.Text(" "u8);
        foreach (ChunkRange run in state.Pending.Runs)
        {
            for (int chunk = run.First; chunk < run.End; chunk++)
            {
                int before = writer.Length;
                writer.Name(name, escapeEquals: false);
                writer.Text(" "u8);
                writer.Number(chunk + 1L);
                writer.Text("|"u8);
                if (writer.Overflowed)
                {
                    writer.Rewind(before);
                    exchange.IsPartial = true;
                    return;
                }

                exchange.SentChunks.Add(chunk);
            }
        }
    }

    private static void WriteQuery(ref TrackerTextWriter writer, TrackerExchange exchange)
    {
        writer.Text("REQUEST "u8);
        writer.Number(exchange.Kind switch
        {
            TrackerExchangeKind.List => (int)TrackerRequestKind.ListFiles,
            TrackerExchangeKind.Find => (int)TrackerRequestKind.QueryFile,
            _ => (int)(exchange.IsUpdate ? TrackerRequestKind.Update : TrackerRequestKind.Download),
        });
        if (exchange.Kind == TrackerExchangeKind.List) return;
        writer.Text(" "u8);
        WriteName(ref writer, exchange.Name);
    }

    // Flag 3 describes the content too: should the tracker have lost the entry meanwhile, it makes a whole one of it.
    private static void WriteRegistration(ref TrackerTextWriter writer, TrackerExchange exchange, TransportAddress? publicAddress)
    {
        RegistrationState state = exchange.Registration!;
        exchange.SentGeneration = state.Generation;
        writer.Text("REQUEST "u8);
        writer.Number((int)(state.IsRegistered ? TrackerRequestKind.ChunkDownloaded : TrackerRequestKind.Upload));
        writer.Text(" "u8);
        WriteName(ref writer, state.Descriptor.Name);
        writer.Text(" - "u8);
        if (publicAddress is { } address) writer.AddressAndPort(address);
        else writer.Text("-"u8);
        writer.Text(" chunks="u8);
        exchange.IsPartial = !WriteChunks(ref writer, state.Pending, exchange.SentChunks);
        writer.Describe(state.Descriptor.SizeBytes, state.Descriptor.ChunkSize, state.Descriptor.Root, state.Descriptor.Kind);
        if (state.Unlisted) writer.Extension("unlisted"u8, 1);
    }

    private static bool WriteChunks(ref TrackerTextWriter writer, ChunkSet pending, ChunkSet sent)
    {
        int room = Math.Max(0, writer.Free.Length - MaxRegistrationTailBytes);
        bool all = pending.TryFormat(writer.Free[..room], 0, out int written, out _);
        sent.Clear();
        sent.TryAddText(writer.Free[..written], ChunkSet.DefaultMaxRuns);
        writer.Advance(written);
        return all;
    }

    private static void WriteName(ref TrackerTextWriter writer, string name) => writer.Name(Encoding.UTF8.GetBytes(name), escapeEquals: true);
}
