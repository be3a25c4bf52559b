using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Udp;

/// <summary>Handles what changes the registry: flags 3, 4, 5 and <c>REFRESH</c>.</summary>
internal sealed class RegistrationDesk(TrackerRegistry registry)
{
    private const int MaxCandidateBytes = TrackerLimits.MaxCandidates * (TransportAddress.MaxTextLength + 1);

    /// <summary>Makes users of the relay; null when there is none.</summary>
    public RelayDesk? Relay { get; set; }

    /// <summary>
    /// A request without extensions. It acts on the entries that belong to the IP address it came from and the address that it names,
    /// and on none that a cookie protects.
    /// </summary>
    public void HandleLiteral(ref TrackerTextWriter reply, in TrackerCall call)
    {
        TransportAddress named = call.Request.HasAddress ? call.Request.Address : call.Source.WithPort(TrackerLimits.DefaultPeerPort);
        RegistrantKey key = RegistrantKey.Unproven(call.Source, named);
        if (call.Request.Flag == TrackerRequestKind.Exit)
        {
            if (registry.Find(key) is { } leaving) registry.Remove(leaving);
            reply.Text("RESPONSE OK"u8);
            return;
        }

        if (!AddressRules.MayName(call.Source, named))
        {
            ReplyErrors.Write(ref reply, call, TrackerErrorCode.Forbidden, "IP ADDRESS must be your own"u8);
            return;
        }

        RegistryResult result = registry.Refresh(call.Now, key, null, out Registrant? registrant, out _);
        if (registrant is not null)
        {
            registrant.Listed = named;
            result = AddLiteral(registrant, call);
            if (registrant.Entries.Count == 0) registry.Remove(registrant);
        }

        if (result == RegistryResult.Done) reply.Text("RESPONSE OK"u8);
        else ReplyErrors.Write(ref reply, call, result);
    }

    /// <summary>A request whose cookie proves the sender's address.</summary>
    public void HandleProven(ref TrackerTextWriter reply, in TrackerCall call, scoped ReadOnlySpan<byte> tail)
    {
        RegistrantKey key = RegistrantKey.Proven(call.Source, call.Request.Extensions.Peer);
        if (call.Request.Verb == TrackerVerb.Request && call.Request.Flag == TrackerRequestKind.Exit)
        {
            Leave(key, call.Request.Extensions.Name);
            reply.Text("RESPONSE OK"u8);
            reply.Text(tail);
            return;
        }

        TimeSpan? wished = call.Request.Extensions.LeaseSeconds is > 0 and int seconds ? TimeSpan.FromSeconds(seconds) : null;
        RegistryResult result = registry.Refresh(call.Now, key, wished, out Registrant? registrant, out TimeSpan granted);
        if (registrant is not null)
        {
            registrant.SocketNumber = call.SocketNumber;
            (TransportAddress listed, byte[] candidates) = (registrant.Listed, registrant.Candidates);
            SetAddresses(registrant, call);
            if (registrant.Listed != listed || !ReferenceEquals(registrant.Candidates, candidates)) registry.NoteAddresses(registrant);
            if (call.Request.Verb == TrackerVerb.Request) result = AddProven(registrant, call);
        }

        if (result != RegistryResult.Done || registrant is null)
        {
            ReplyErrors.Write(ref reply, call, result);
            return;
        }

        reply.Text("RESPONSE OK"u8);
        reply.Extension("lease"u8, (long)granted.TotalSeconds);
        reply.Extension("address"u8, registrant.Listed);
        reply.Extension("files"u8, registrant.Entries.Count);
        if (call.Request.Extensions.WantsRelay) Relay?.Write(ref reply, call.Now, call.Request.Extensions.Peer);
        reply.Text(tail);
    }

    private void Leave(in RegistrantKey key, ReadOnlySpan<byte> wireName)
    {
        if (registry.Find(key) is not { } leaving) return;
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        if (TrackerName.TryDecode(wireName, name, out int length)) registry.Remove(leaving, name[..length]);
        else registry.Remove(leaving);
    }

    private RegistryResult AddLiteral(Registrant registrant, in TrackerCall call)
    {
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        if (call.Request.Entries.IsEmpty) return Add(registrant, call.Request.Name, call.Request.Chunk, name);
        var list = new TrackerChunkListReader(call.Request.Entries);
        while (list.TryRead(out ReadOnlySpan<byte> wireName, out int chunk))
        {
            RegistryResult result = Add(registrant, wireName, chunk, name);
            if (result != RegistryResult.Done) return result;
        }

        return RegistryResult.Done;
    }

    private RegistryResult Add(Registrant registrant, ReadOnlySpan<byte> wireName, int chunk, Span<byte> name)
    {
        TrackerName.TryDecode(wireName, name, out int length);
        return registry.Add(registrant, new Offering { Name = name[..length], Chunk = chunk });
    }

    private RegistryResult AddProven(Registrant registrant, in TrackerCall call)
    {
        if (!call.Request.Entries.IsEmpty) return AddLiteral(registrant, call);
        ref readonly TrackerExtensions told = ref call.Request.Extensions;
        bool describesInPart = !told.DescribesContent && (told.HasSize || told.HasRoot || told.ChunkSize != 0);
        if (describesInPart) return RegistryResult.BadDescription;
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        TrackerName.TryDecode(call.Request.Name, name, out int length);
        bool? listed = told.Unlisted ? false : call.Request.Flag == TrackerRequestKind.Upload ? true : null;
        return registry.Add(registrant, new Offering
        {
            Name = name[..length],
            Chunk = call.Request.Chunk,
            Chunks = told.Chunks,
            Content = told.DescribesContent ? new ContentDescription(told.Size, told.ChunkSize, told.Root, told.Kind) : null,
            IsListed = listed,
        });
    }

    // An address that the peer may not name gives way to the one that the tracker sees, since a NAT with several addresses is no crime.
    private static void SetAddresses(Registrant registrant, in TrackerCall call)
    {
        TransportAddress named = call.Request.HasAddress ? call.Request.Address : call.Request.Extensions.Address;
        if (AddressRules.MayName(call.Source, named)) registrant.Listed = named;
        else if (registrant.Listed.IsUnspecified || call.Request.Verb == TrackerVerb.Request) registrant.Listed = call.Source;
        if (!call.Request.Extensions.Candidates.IsEmpty) SetCandidates(registrant, call);
    }

    private static void SetCandidates(Registrant registrant, in TrackerCall call)
    {
        Span<byte> allowed = stackalloc byte[MaxCandidateBytes];
        var writer = new TrackerTextWriter(allowed);
        var reader = new TrackerCandidateReader(call.Request.Extensions.Candidates);
        while (reader.TryRead(out TransportAddress candidate))
        {
            if (!AddressRules.MayBeCandidate(call.Source, candidate)) continue;
            if (writer.Length > 0) writer.Text(","u8);
            if (candidate.TryFormat(writer.Free, out int written)) writer.Advance(written);
        }

        if (!registrant.Candidates.AsSpan().SequenceEqual(writer.Written)) registrant.Candidates = writer.Written.ToArray();
    }
}
