using Akka.Actor;

namespace Akka.Configuration;

/// <summary>The configuration is wrong.</summary>
public class ConfigurationException : AkkaException
{
    public ConfigurationException(string message)
        : base(message)
    {
    }

    internal ConfigurationException(string message, Exception exception)
        : base(message, exception)
    {
    }
}
