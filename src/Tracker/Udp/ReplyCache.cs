using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// First pages of lookups, kept as they were sent. A page that names the first peers is good until the file changes. One that is a sample of a large swarm
/// serves a few requests within a moment; then another sample is drawn. Of fixed size: a file shares its place with others, and the last one asked for has it.
/// </summary>
internal sealed class ReplyCache
{
    private const int Places = 4_096;   // a power of two
    private const int MaxUsesOfSample = 32;
    private static readonly TimeSpan MaxAgeOfSample = TimeSpan.FromMilliseconds(50);

    private readonly Place[] _places = new Place[Places];

    /// <summary>Writes the reply; false when it is not here.</summary>
    public bool TryWrite(ref TrackerTextWriter reply, SharedFile file, scoped ReadOnlySpan<byte> tail, MonotonicTime now)
    {
        ref Place place = ref _places[file.Id & (Places - 1)];
        if (place.Serial != file.Serial || place.Bytes is null) return false;
        bool isGood = place.IsSample ? place.UsesLeft-- > 0 && now - place.Made <= MaxAgeOfSample : place.Version == file.Version;
        if (!isGood) return false;
        ReadOnlySpan<byte> bytes = place.Bytes.AsSpan(0, place.Length);
        reply.Text(bytes[..place.TailAt]);
        reply.Text(tail);
        reply.Text(bytes[place.TailAt..]);
        return true;
    }

    /// <summary>Keeps a reply without its tail.</summary>
    public void Keep(SharedFile file, ReadOnlySpan<byte> reply, int tailAt, int tailLength, bool isSample, MonotonicTime now)
    {
        ref Place place = ref _places[file.Id & (Places - 1)];
        place.Bytes ??= new byte[TrackerLimits.MaxDatagramBytes];
        reply[..tailAt].CopyTo(place.Bytes);
        reply[(tailAt + tailLength)..].CopyTo(place.Bytes.AsSpan(tailAt));
        (place.Length, place.TailAt) = (reply.Length - tailLength, tailAt);
        (place.Serial, place.Version, place.Made) = (file.Serial, file.Version, now);
        (place.IsSample, place.UsesLeft) = (isSample, MaxUsesOfSample);
    }

    private struct Place
    {
        public byte[]? Bytes;
        public int Length;
        public int TailAt;
        public ulong Serial;
        public ulong Version;
        public MonotonicTime Made;
        public bool IsSample;
        public int UsesLeft;
    }
}
