using System.Text;
using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>A position in a text, with its line and column.</summary>
internal sealed class TextCursor(string text, string? source)
{
    public const int End = -1;

    private int _position;
    private int _line = 1;
    private int _lineStart;

    public Origin Here => new(source, _line, _position - _lineStart + 1);

    public int Current => Peek(0);

    public int Peek(int offset) => _position + offset < text.Length ? text[_position + offset] : End;

    public bool At(string expected) => string.CompareOrdinal(text, _position, expected, 0, expected.Length) == 0;

    public char Take()
    {
        var c = text[_position++];
        if (c == '\n')
        {
            _line++;
            _lineStart = _position;
        }

        return c;
    }

    public bool TryTake(char expected)
    {
        if (Current != expected)
        {
            return false;
        }

        Take();
        return true;
    }

    public void Skip(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Take();
        }
    }

    /// <summary>Takes white space other than line ends.</summary>
    public string TakeSpaces()
    {
        var start = _position;
        while (Current != '\n' && IsWhiteSpace(Current))
        {
            Take();
        }

        return text[start.._position];
    }

    /// <summary>Skips white space, line ends and comments.</summary>
    /// <returns>Whether a line ended.</returns>
    public bool SkipBlank()
    {
        var newLine = false;
        while (true)
        {
            if (IsWhiteSpace(Current))
            {
                newLine |= Take() == '\n';
            }
            else if (AtComment)
            {
                while (Current is not ('\n' or End))
                {
                    Take();
                }
            }
            else
            {
                return newLine;
            }
        }
    }

    public bool AtComment => Current == '#' || (Current == '/' && Peek(1) == '/');

    /// <summary>Takes characters that may stand unquoted. Empty when none does.</summary>
    /// <param name="stopAtDot">For paths, where a dot separates elements.</param>
    public string TakeUnquoted(bool stopAtDot)
    {
        var taken = new StringBuilder();
        while (Current != End && !AtComment && !(stopAtDot && Current == '.')
            && (IsUnquoted((char)Current) || IsExponentSign(taken)))
        {
            taken.Append(Take());
        }

        return taken.ToString();
    }

    public HoconParserException Error(string problem) => new(Here, problem);

    /// <summary>An error that says what stands here and what should.</summary>
    public HoconParserException Expected(string what) => Error($"expected {what}, found {Found}");

    private string Found => Current switch
    {
        End => "the end of the text",
        '\n' => "the end of the line",
        var c when char.IsControl((char)c) || char.IsSurrogate((char)c) => $"the character U+{c:X4}",
        var c => $"'{(char)c}'",
    };

    private static bool IsWhiteSpace(int c) => c != End && (char.IsWhiteSpace((char)c) || c == '\uFEFF');

    private static bool IsUnquoted(char c) => !IsWhiteSpace(c) && !"$\"{}[]:=,+#`^?!@*&\\".Contains(c);

    /// <summary>The plus sign is reserved, but 1e+5 is a number in JSON.</summary>
    private bool IsExponentSign(StringBuilder taken) =>
        Current == '+' && Peek(1) is >= '0' and <= '9' && taken.Length >= 2 && taken[^1] is 'e' or 'E'
        && NodeRenderer.IsNumber(taken.ToString(0, taken.Length - 1));
}
