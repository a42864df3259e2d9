namespace Orchestrator.Core.Engines;

/// <summary>
/// One section of the configuration, as an engine reads it. What is wrong is noted with its path, file and line, and reading goes on: the
/// value is then its type's default, for nothing but reading on.
/// </summary>
public interface IEngineSettings
{
    /// <summary>A section of this one; it need not be there.</summary>
    IEngineSettings Section(string key);

    /// <summary>Keys of this section, in order.</summary>
    IReadOnlyList<string> Keys();

    /// <summary>Whether a key has a value.</summary>
    bool Has(string key);

    /// <summary>Whether something was found wrong with a setting.</summary>
    bool HasErrorAt(string key);

    /// <summary>A text, which may be empty.</summary>
    string Text(string key);

    /// <summary>A text that must not be empty.</summary>
    string RequiredText(string key);

    /// <summary>A text that no error shows; empty where it is not there.</summary>
    string Secret(string key);

    /// <summary>An absolute path; empty stays empty.</summary>
    string FilePath(string key);

    /// <summary>on or off.</summary>
    bool Switch(string key);

    int WholeNumber(string key, int least, int most);

    /// <summary>A duration; the limits are written as in settings, for example <c>100ms</c>.</summary>
    TimeSpan Duration(string key, string least, string most);

    /// <summary>A size in bytes; the limits are written as in settings, for example <c>64KiB</c>.</summary>
    long Size(string key, string least, string most);

    /// <summary>A share such as <c>10%</c>, 0 to <paramref name="most"/>.</summary>
    double Share(string key, double most);

    /// <summary>Texts, each there once.</summary>
    /// <param name="check">What is wrong with one; null if nothing is.</param>
    IReadOnlyList<string> TextList(string key, Func<string, string?> check);

    /// <summary>Notes an error about a setting of this section.</summary>
    /// <param name="problem">What was expected and what was found.</param>
    T Fail<T>(string key, string problem, T instead);
}
