using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a tracker to a container.</summary>
public static class TrackerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="TrackerHost"/>, which starts a <see cref="TrackerServer"/> with the application and ends it with the application. Options are
    /// checked at start; the container's logger factory is used when there is one.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Sets options; may be null.</param>
    public static IServiceCollection AddTracker(this IServiceCollection services, Action<TrackerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<TrackerOptions> options = services.AddOptions<TrackerOptions>();
        if (configure is not null) options.Configure(configure);
        services.AddSingleton<IPostConfigureOptions<TrackerOptions>>(provider => new PostConfigureOptions<TrackerOptions>(
            Options.Options.DefaultName,
            o =>
            {
                if (provider.GetService<ILoggerFactory>() is { } factory) o.LoggerFactory = factory;
            }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrackerOptions>, TrackerOptionsValidator>());
        services.TryAddSingleton<TrackerHost>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TrackerHost>());
        return services;
    }
}
