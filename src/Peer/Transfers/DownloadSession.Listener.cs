using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Transfers;

/// <summary>What peers say.</summary>
internal sealed partial class DownloadSession
{
    void IFetchListener.OnInfo(FetchChannel channel, ShareDescriptor? descriptor)
    {
        ShareDescriptor ours = _content.Descriptor;
        bool isSame = descriptor is not null && descriptor.Root == ours.Root && descriptor.SizeBytes == ours.SizeBytes
            && descriptor.ChunkSize == ours.ChunkSize && descriptor.Kind == ours.Kind;
        lock (_gate)
        {
            if (!_peers.TryGetValue(channel, out SessionPeer? peer) || peer.IsOpen) return;
            if (!isSame)
            {
                _options.Logger.LogWarning("{Peer} offers something else under this root.", channel.Connection);
                Remove(peer);
                return;
            }

            peer.IsOpen = true;
            AddToMachine(peer);
            TryBegin();
            Drain();
        }
    }

    void IFetchListener.OnHave(FetchChannel channel, in HaveMessage have)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(channel, out SessionPeer? peer)) return;
            foreach (ChunkRange run in have)
            {
                if (_machine is not null && peer.IsOpen) _machine.HandleHave(_clock.Now, peer.Number, run);
                else peer.EarlyHave.TryAdd(run, SessionPeer.MaxEarlyRuns);
            }

            Drain();
        }
    }

    void IFetchListener.OnMetadata(FetchChannel channel, MetadataKey key, ReadOnlySpan<byte> data)
    {
        bool isGood = false;
        bool isRefused = data.IsEmpty || IsAheadOfItsRoots(key);
        try
        {
            isGood = !isRefused && Accept(key, data);
        }
        catch (StorageException e)
        {
            // Our disk's fault, not the peer's.
            Fail(e);
            return;
        }

        lock (_gate)
        {
            if (!_peers.TryGetValue(channel, out SessionPeer? peer)) return;
            if (key.Kind == MetadataKind.Manifest) EndManifest(peer, isGood, isRefused);
            else EndHashes(peer, key, isGood, isRefused);
            Drain();
        }
    }

    void IFetchListener.OnRefused(FetchChannel channel, RefusalReason reason, int? chunk)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(channel, out SessionPeer? peer)) return;
            if (chunk is { } refused)
            {
                _machine?.HandleChunkRefused(_clock.Now, peer.Number, refused, reason == RefusalReason.Busy);
            }
            else
            {
                Refusals++;
                _options.Logger.LogInformation("{Peer} refuses the share: {Reason}.", channel.Connection, reason);
                Report(channel, ConnectFailureReason.Refused, $"it refuses to give the share ({reason})");
                Remove(peer);
            }

            Drain();
        }
    }

    // Asked for together with the roots that it is compared with; without them it proves nothing, but nobody has lied.
    private bool IsAheadOfItsRoots(MetadataKey key) =>
        key.Kind == MetadataKind.HashGroup && _content.Layout is { } layout
        && _content.NeedFor(layout.LocateGroup(key.Index).Chunks.First, out _) == VerificationNeed.GroupRoots;

    /// <summary>How often a peer refused the whole share.</summary>
    public int Refusals { get; private set; }

    void IFetchListener.OnBytes(FetchChannel channel, int bytes)
    {
        lock (_gate)
        {
            if (_peers.TryGetValue(channel, out SessionPeer? peer)) _machine?.HandleBytes(_clock.Now, peer.Number, bytes);
        }
    }

    void IFetchListener.OnChunk(FetchChannel channel, int chunk, Memory<byte> buffer, int length)
    {
        lock (_gate)
        {
            if (_peers.TryGetValue(channel, out SessionPeer? peer) && _machine!.HandleChunkReceived(_clock.Now, peer.Number, chunk))
            {
                _verifier.Queue(new ReceivedChunk(peer, chunk, buffer, length));
                Drain();
                return;
            }
        }

        _buffers.Return(buffer);
    }

    void IFetchListener.OnClosed(FetchChannel channel, string reason)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(channel, out SessionPeer? peer)) return;
            _options.Logger.LogInformation("Lost {Peer}: {Reason}.", channel.Connection, reason);
            if (!peer.IsOpen) Report(channel, ConnectFailureReason.Lost, $"the connection ended before the share was open ({reason})");
            Remove(peer);
            Drain();
        }
    }

    private void Report(FetchChannel channel, ConnectFailureReason reason, string words) =>
        _options.OnFailed?.Invoke(new ConnectFailure(channel.Connection.RemoteId, channel.Connection.RemoteAddress, reason, words));
}
