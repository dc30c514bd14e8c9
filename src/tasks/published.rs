//! Name the published data sets that can be downloaded: where they are, and what their files must be.

use super::cifar10::{self, CIFAR_10};
use super::mnist::{FASHION_MNIST, FILES, MNIST};

/// A data set that others publish.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// The folder that it is kept in, and its name on the command line.
    pub name: &'static str,
    /// What an experiment calls it.
    pub task: &'static str,
    /// The address that the names of its files are appended to.
    pub from: &'static str,
    /// Under which conditions it may be used.
    pub licence: &'static str,
    /// What is downloaded: its files, or the archive that holds them.
    pub files: &'static [PublishedFile],
    /// The folder of the archive that the set's files lie in; absent where they are published one by one.
    pub within: Option<&'static str>,
    /// Its files as they are read, each plain or compressed.
    pub contents: &'static [&'static str],
}

/// A file as published.
#[derive(Clone, Copy, Debug)]
pub struct PublishedFile {
    /// Its name.
    pub name: &'static str,
    /// Its length; more is never read.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: &'static str,
}

/// Every published data set.
pub const PUBLISHED: [Published; 3] = [
    Published {
        name: MNIST,
        task: "Mnist",
        from: "https://storage.googleapis.com/cvdf-datasets/mnist",
        licence: "CC BY-SA 3.0",
        files: &[
            PublishedFile {
                name: "train-images-idx3-ubyte.gz",
                bytes: 9_912_422,
                sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            },
            PublishedFile {
                name: "train-labels-idx1-ubyte.gz",
                bytes: 28_881,
                sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            },
            PublishedFile {
                name: "t10k-images-idx3-ubyte.gz",
                bytes: 1_648_877,
                sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            },
            PublishedFile {
                name: "t10k-labels-idx1-ubyte.gz",
                bytes: 4_542,
                sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            },
        ],
        within: None,
        contents: &FILES,
    },
    Published {
        name: FASHION_MNIST,
        task: "FashionMnist",
        from: "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
        licence: "MIT",
        files: &[
            PublishedFile {
                name: "train-images-idx3-ubyte.gz",
                bytes: 26_421_880,
                sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            },
            PublishedFile {
                name: "train-labels-idx1-ubyte.gz",
                bytes: 29_515,
                sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            },
            PublishedFile {
                name: "t10k-images-idx3-ubyte.gz",
                bytes: 4_422_102,
                sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            },
            PublishedFile {
                name: "t10k-labels-idx1-ubyte.gz",
                bytes: 5_148,
                sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            },
        ],
        within: None,
        contents: &FILES,
    },
    Published {
        name: CIFAR_10,
        task: "Cifar10",
        from: "https://www.cs.toronto.edu/~kriz",
        licence: "no licence is stated",
        files: &[PublishedFile {
            name: cifar10::ARCHIVE,
            bytes: 170_052_171,
            sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        }],
        within: Some(cifar10::UNPACKED),
        contents: &cifar10::FILES,
    },
];

impl Published {
    /// The folder that the whole set is in, if any of these has it.
    pub fn found(&self, folders: &super::DataFolders) -> Option<std::path::PathBuf> {
        let paths = folders.find_all(self.name, self.contents).ok()?;
        paths.first()?.parent().map(std::path::Path::to_path_buf)
    }
}
