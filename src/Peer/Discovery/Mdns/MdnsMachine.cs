using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>
/// mDNS on one link (RFC 6762): announces us, unless only looking, and finds others. Believes only senders on the link, and responses only
/// from port 5353. Owned by one loop; not thread-safe.
/// </summary>
/// <remarks>After each input: drain <see cref="PollTransmit"/> and <see cref="PollEvent"/>, then sleep until <see cref="Deadline"/>.</remarks>
internal sealed class MdnsMachine
{
    /// <summary>The longest message sent; fits an Ethernet frame over IPv6.</summary>
    public const int MaxSendBytes = 1440;

    private readonly MdnsLink _link;
    private readonly MdnsBrowser _browser;
    private readonly MdnsResponder? _responder;
    private bool _released;

    public MdnsMachine(PeerId id, ushort port, string? label, MdnsLink link, MonotonicTime now, Random random)
    {
        _link = link;
        _browser = new MdnsBrowser(id, link, now, random);
        if (label is not null) _responder = new MdnsResponder(id, port, label, link, now, random);
    }

    /// <summary>The name under which we are listed; null when only looking.</summary>
    public string? Label => _responder?.Label;

    /// <summary>Whether we are listed.</summary>
    public bool IsEstablished => _responder?.IsEstablished ?? false;

    public MonotonicTime? Deadline => _released ? null : MonotonicTime.Earlier(_browser.Deadline, _responder?.Deadline);

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (_released || !_link.IsOnLink(source) || !DnsReader.TryOpen(datagram, out DnsReader reader)) return;
        if (!reader.IsResponse)
        {
            _responder?.HandleQuery(now, source, datagram, reader);
            return;
        }

        if (source.Port != MdnsService.Port) return;
        while (reader.QuestionsLeft > 0)
        {
            if (!reader.TryReadQuestion(out _)) return;
        }

        DnsReader again = reader;
        while (_responder is not null && again.TryReadRecord(out DnsRecordView view))
        {
            if (view.Section != DnsSection.Authority) _responder.HandleRecord(now, datagram, view);
        }

        _browser.HandleResponse(now, datagram, reader);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (!_released) _browser.HandleTimeout(now);
    }

    /// <summary>Says goodbye; the message for it is then polled.</summary>
    public void Release()
    {
        _released = true;
        _responder?.Release();
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out MdnsTransmit transmit)
    {
        Span<byte> message = buffer[..Math.Min(buffer.Length, MaxSendBytes)];
        transmit = default;
        return (_responder is not null && _responder.PollTransmit(now, message, out transmit))
            || (!_released && _browser.PollTransmit(now, message, out transmit));
    }

    public bool PollEvent(out MdnsEvent happened) => _browser.PollEvent(out happened);
}
