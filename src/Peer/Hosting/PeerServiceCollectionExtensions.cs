using CS3103P2P.Peer;
using CS3103P2P.Peer.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a peer to a container.</summary>
public static class PeerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="PeerHost"/>, which starts a <see cref="PeerNode"/> with the application and ends it with the application. Options are
    /// checked at start; the container's logger factory is used when there is one.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Sets options; may be null.</param>
    public static IServiceCollection AddPeer(this IServiceCollection services, Action<PeerNodeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PeerNodeOptions> options = services.AddOptions<PeerNodeOptions>();
        if (configure is not null) options.Configure(configure);
        services.AddSingleton<IPostConfigureOptions<PeerNodeOptions>>(provider => new PostConfigureOptions<PeerNodeOptions>(
            Options.Options.DefaultName,
            o =>
            {
                if (provider.GetService<ILoggerFactory>() is { } factory) o.LoggerFactory = factory;
            }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PeerNodeOptions>, PeerNodeOptionsValidator>());
        services.TryAddSingleton<PeerHost>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<PeerHost>());
        return services;
    }
}
